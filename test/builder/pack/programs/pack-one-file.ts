/** Packs one file under a umask and prints both digests. Usage: <umask> <source> <output> */
import { pack } from '../../../../src/builder/pack/pack.ts';
import { bundleOf } from '../support/bundles.ts';

const [umask = '', source = '', outputDirectory = ''] = process.argv.slice(2);
process.umask(Number.parseInt(umask, 8));
const bundle = bundleOf([{ path: 'data.txt', mode: 0o644, content: { copyFrom: source } }]);
const { sha256, contentDigest } = await pack(bundle, { name: 'f', outputDirectory });
process.stdout.write(`${sha256} ${contentDigest}`);
