/** Bounds the total memory of bodies: those of all requests, or those of all responses. */
export interface ByteBudget {
  /** Opens the share of one body. */
  open(): ByteShare;
}

export interface ByteShare {
  /** Returns false, and takes nothing, if the budget does not have so many bytes left. */
  take(bytes: number): boolean;
  /** Returns all bytes of this share to the budget. */
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
