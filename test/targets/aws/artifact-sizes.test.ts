import { describe, expect, test } from 'vitest';
import { maxUnzippedBytes, maxZipBytes } from '../../../src/manifest/schema.ts';
import { checkUploadSize } from '../../../src/targets/aws/artifact-sizes.ts';
import { planLambda } from '../../../src/targets/aws/lambda-plan.ts';
import { samTarget } from '../../../src/targets/sam/sam-target.ts';
import { terraformTarget } from '../../../src/targets/terraform/terraform-target.ts';
import { manifestFunction, manifestOf } from '../support/manifests.ts';

function sized(name: string, sizes: { readonly size?: number; readonly unzippedSize?: number }) {
  const fn = manifestFunction(name);
  return { ...fn, artifact: { ...fn.artifact, ...sizes } };
}

describe('the sizes that AWS accepts', () => {
  test('content above 250 MB unzipped cannot be deployed in any way', () => {
    const small = sized('small', { unzippedSize: maxUnzippedBytes });
    expect(planLambda(manifestOf(small)).functions).toHaveLength(1);
    const large = sized('large', { unzippedSize: maxUnzippedBytes + 1 });
    expect(() => planLambda(manifestOf(small, large))).toThrow(
      expect.objectContaining({
        code: 'AWS_ARTIFACT_TOO_LARGE',
        message: expect.stringMatching(/Larger: large \(251 MB\)\.$/),
      }),
    );
  });

  test('a zip above 50 MB goes through S3 with SAM, and not through Terraform or a direct upload', () => {
    const plan = planLambda(manifestOf(sized('large', { size: maxZipBytes + 1 })));
    expect(samTarget.render(plan, [])).toContain('large.zip');
    const refusal = expect.objectContaining({
      code: 'AWS_ZIP_TOO_LARGE',
      message: 'The artifact of large has 51 MB; AWS takes at most 50 MB in an upload.',
      hint: expect.stringMatching(/package sam/),
    });
    expect(() => terraformTarget.render(plan, [])).toThrow(refusal);
    expect(() => checkUploadSize({ name: 'large', zipBytes: maxZipBytes + 1 })).toThrow(refusal);
    expect(() => checkUploadSize({ name: 'small', zipBytes: maxZipBytes })).not.toThrow();
  });
});
