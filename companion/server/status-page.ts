export const STATUS_PAGE = "<!doctype html><title>Impasto</title>";
