export function packNetwork(bytes: Uint8Array): string;
