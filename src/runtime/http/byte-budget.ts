/** Bounds the memory that bodies take together: those of all requests, or those of all answers. */
export interface ByteBudget {
  /** Opens a share for one body; `release` gives back all that it took. */
  open(): ByteShare;
}

export interface ByteShare {
  /** False when so many bytes are not left: then nothing is taken. */
  take(bytes: number): boolean;
  release(): void;
}

export function createByteBudget(totalBytes: number): ByteBudget {
  let used = 0;
  return {
    open() {
      let mine = 0;
      return {
        take(bytes) {
          if (used + bytes > totalBytes) return false;
          used += bytes;
          mine += bytes;
          return true;
        },
        release() {
          used -= mine;
          mine = 0;
        },
      };
    },
  };
}
