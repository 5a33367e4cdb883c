import { describe } from 'vitest';
import { acceptAndClaim } from './store/accept-and-claim.ts';
import { cancelReplayDestinations } from './store/cancel-replay-destinations.ts';
import { reads } from './store/reads.ts';
import { runsAndLeases } from './store/runs-and-leases.ts';
import { storeRig } from './store/store-rig.ts';
import type { StoreHarness } from './store/store-rig.ts';

/** What every store must do, whatever keeps its data. */
export function storeSuite(title: string, open: () => Promise<StoreHarness>): void {
  describe(`${title} is a store`, () => {
    const rig = storeRig(open);
    acceptAndClaim(rig);
    runsAndLeases(rig);
    cancelReplayDestinations(rig);
    reads(rig);
  });
}
