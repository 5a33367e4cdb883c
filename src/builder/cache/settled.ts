/**
 * Equal metadata means equal bytes only for files that are older than this. The clocks of file
 * systems tick (the coarsest, that of FAT, every 2 s), and two writes within one tick can leave the
 * same metadata.
 */
export const settledAfterMs = 2000;
