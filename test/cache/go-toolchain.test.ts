import { mkdir, symlink } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { goSettings, goVersionFile } from '../../src/cache/go-toolchain.ts';
import { temporaryProject } from '../build/temporary-project.ts';

test('the version file of Go is found through PATH and links', async () => {
  await using project = await temporaryProject({ 'go1.25/bin/go': '', 'go1.25/VERSION': 'go1.25' });
  await mkdir(project.path('bin'));
  await symlink(project.path('go1.25/bin/go'), project.path('bin/go'));
  expect(goVersionFile({ PATH: `${project.path('nowhere')}:${project.path('bin')}` })).toBe(project.path('go1.25/VERSION'));
  expect(goVersionFile({ PATH: project.path('nowhere') })).toBeUndefined();
});

test("Go's settings are told apart", () => {
  expect(goSettings({ GOFLAGS: '-mod=vendor' })).not.toBe(goSettings({}));
});
