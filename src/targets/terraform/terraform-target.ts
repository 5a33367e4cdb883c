import { BgfnError } from '../../diagnostic/bgfn-error.ts';
import { checkUploadSize } from '../aws/artifact-sizes.ts';
import { checkEnvironmentNames } from '../aws/environment-names.ts';
import type { PackageTarget } from '../package-target.ts';
import { terraformModule } from './terraform-module.ts';

/** A module for Terraform with the AWS provider. */
export const terraformTarget: PackageTarget = {
  fileName: 'main.tf',
  checkEnvironment,
  render: (plan) => {
    // The provider sends the zips to Lambda in the request itself.
    for (const fn of plan.functions) checkUploadSize(fn);
    return terraformModule(plan);
  },
  deployCommand: (artifactsDirectory) =>
    `terraform -chdir=${artifactsDirectory} init && terraform -chdir=${artifactsDirectory} apply`,
};

/**
 * Refuses every name: the module has a variable that takes any environment.
 *
 * @throws {BgfnError} `ENVIRONMENT_NAME_INVALID`, `ENVIRONMENT_IS_A_VARIABLE`
 */
function checkEnvironment(names: readonly string[]): void {
  checkEnvironmentNames(names);
  if (names.length === 0) return;
  throw new BgfnError(
    'ENVIRONMENT_IS_A_VARIABLE',
    'The Terraform module takes any environment variables as they are.',
    {
      kind: 'usage',
      hint: `Set its variable: terraform apply -var 'environment={${names.map((name) => `${name}="…"`).join(', ')}}'.`,
    },
  );
}
