export function imports(file: string): string[];
export function exported(file: string): string[];
export function oldestMac(file: string): string | null;
