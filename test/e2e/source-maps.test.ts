import { expect, test } from 'vitest';
import { runCommand } from '../support/command.ts';
import { createProject } from '../support/project.ts';

test.each([[['--sourcemap']], [['--sourcemap', '--minify']]])(
  'the stack of a thrown error points at the TypeScript source when built with %j',
  async (flags) => {
    await using site = await createProject({
      'netlify/functions/fails-background.mts': `import { charge } from '../../lib/charge.ts';\n\ninterface Order {\n  readonly id: number;\n}\n\nexport default async () => {\n  const order: Order = { id: 1 };\n  charge(order.id);\n};\n`,
      'lib/charge.ts': `export type Amount = number;\n\n\nexport function charge(amount: Amount): void {\n  throw new RangeError('no such order');\n}\n`,
    });
    await site.build(flags);
    await using server = await site.serve(['--retry-delays', '0.05,0.05']);
    const { output } = await runCommand(
      'bgfn',
      ['invoke', 'fails-background', '--wait', '--url', server.url],
      { cwd: site.directory },
    );
    expect(output).toContain('RangeError: no such order');
    expect(output).toMatch(/lib\/charge\.ts:5:\d+/);
    expect(output).toMatch(/fails-background\.mts:9:\d+/);
  },
);
