import type { Artifact } from '../../../../src/builder/pack/artifact.ts';
/**
 * Packs a file as four functions at once, and prints by how many bytes the peak of resident memory
 * grew. Usage: pack-four-at-once.ts <file> <output>
 */
import { pack } from '../../../../src/builder/pack/pack.ts';
import { bundleOf, textFile } from '../support/bundles.ts';

const [source = '', outputDirectory = ''] = process.argv.slice(2);
const peakBytes = (): number => process.resourceUsage().maxRSS * 1024;
const packLarge = (name: string): Promise<Artifact> =>
  pack(bundleOf([{ path: 'large.bin', mode: 0o644, content: { copyFrom: source } }]), {
    name,
    outputDirectory,
  });

// A first pack loads the modules, so that the measurement does not include them.
await pack(bundleOf([textFile('a', 'x')]), { name: 'small', outputDirectory });
const before = peakBytes();
await Promise.all(['one', 'two', 'three', 'four'].map((name) => packLarge(name)));
process.stdout.write(String(peakBytes() - before));
