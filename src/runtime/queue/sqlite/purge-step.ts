/**
 * So many invocations a purge deletes in one transaction: some milliseconds, between which accepts
 * have their turn.
 */
export const purgeStep = 500;
