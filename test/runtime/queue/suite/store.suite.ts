import { describe } from 'vitest';
import { acceptAndClaim } from './accept-and-claim.ts';
import { cancelReplayDestinations } from './cancel-replay-destinations.ts';
import { reads } from './reads.ts';
import { runsAndLeases } from './runs-and-leases.ts';
import { storeRig, type StoreHarness } from './store-rig.ts';

/** The suite that every store must pass. */
export function storeSuite(title: string, open: () => Promise<StoreHarness>): void {
  describe(`${title} is a store`, () => {
    const rig = storeRig(open);
    acceptAndClaim(rig);
    runsAndLeases(rig);
    cancelReplayDestinations(rig);
    reads(rig);
  });
}
