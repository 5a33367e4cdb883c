import { mkdir, symlink } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { goSettings, goVersionFile } from '../../../src/builder/cache/go-toolchain.ts';
import { temporaryProject } from '../support/temporary-project.ts';

test('the version file of Go is found through PATH and links', async () => {
  await using project = await temporaryProject({ 'go1.25/bin/go': '', 'go1.25/VERSION': 'go1.25' });
  await mkdir(project.path('bin'));
  await symlink(project.path('go1.25/bin/go'), project.path('bin/go'));
  expect(goVersionFile({ PATH: `${project.path('nowhere')}:${project.path('bin')}` })).toBe(
    project.path('go1.25/VERSION'),
  );
  expect(goVersionFile({ PATH: project.path('nowhere') })).toBeUndefined();
});

test('the settings of Go change with its version and with its environment', async () => {
  await using project = await temporaryProject({
    'old/bin/go': '',
    'old/VERSION': 'go1.25',
    'new/bin/go': '',
    'new/VERSION': 'go1.26',
    'config/go/env': 'GOAMD64=v3',
  });
  const environment = { PATH: project.path('old/bin'), HOME: project.directory };
  const settings = [
    goSettings(environment),
    goSettings({ ...environment, PATH: project.path('new/bin') }),
    goSettings({ ...environment, GOFLAGS: '-mod=vendor' }),
    goSettings({ ...environment, XDG_CONFIG_HOME: project.path('config') }),
  ];
  expect(new Set(settings).size).toBe(settings.length);
});
