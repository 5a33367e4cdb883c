import { isInvokedAsynchronously, type PlannedFunction } from '../aws/lambda-plan.ts';
import { scheduleInput } from '../aws/schedule-input.ts';
import { type Block, type Expression, expression, resource } from './hcl.ts';
import { resourceName } from './resource-name.ts';
import { trustPolicy } from './trust-policy.ts';

/** The resources of one function: log group, role, code, retries and schedule. */
export function functionBlocks(fn: PlannedFunction): readonly Block[] {
  const id = resourceName(fn);
  return [
    resource('aws_cloudwatch_log_group', id, {
      name: interpolated(`/aws/lambda/${fullName(fn)}`),
      retention_in_days: expression('var.log_retention_days'),
    }),
    resource('aws_iam_role', id, {
      name: interpolated(fullName(fn)),
      assume_role_policy: trustPolicy('lambda.amazonaws.com'),
    }),
    resource('aws_iam_role_policy', id, {
      name: 'function',
      role: expression(`aws_iam_role.${id}.id`),
      policy: expression(functionPolicy(fn)),
    }),
    lambdaFunction(fn),
    ...(fn.background ? [eventInvokeConfig(fn)] : []),
    ...(fn.scheduleExpression === undefined ? [] : scheduleBlocks(fn)),
  ];
}

function lambdaFunction(fn: PlannedFunction): Block {
  const id = resourceName(fn);
  return resource(
    'aws_lambda_function',
    id,
    {
      function_name: interpolated(fullName(fn)),
      filename: expression(`"\${path.module}/${fn.zipFile}"`),
      source_code_hash: expression(`filebase64sha256("\${path.module}/${fn.zipFile}")`),
      handler: fn.handler,
      runtime: fn.runtime,
      architectures: [fn.architecture],
      timeout: fn.timeoutSeconds,
      memory_size: fn.memoryMb,
      role: expression(`aws_iam_role.${id}.arn`),
      depends_on: [
        expression(`aws_cloudwatch_log_group.${id}`),
        expression(`aws_iam_role_policy.${id}`),
      ],
    },
    [...(isInvokedAsynchronously(fn) ? [deadLetterConfig] : []), environmentBlock],
  );
}

const deadLetterConfig: Block = {
  type: 'dead_letter_config',
  attributes: { target_arn: expression('aws_sqs_queue.dead_letter.arn') },
};

/** The block `environment`. Terraform leaves it out while the variable is an empty map. */
const environmentBlock: Block = {
  type: 'dynamic',
  labels: ['environment'],
  attributes: {
    for_each: expression('length(var.environment) == 0 ? [] : [var.environment]'),
  },
  blocks: [{ type: 'content', attributes: { variables: expression('environment.value') } }],
};

/**
 * The policy of a function's role as HCL text. The attribute takes JSON, so there are no blocks to
 * build it from, and only Terraform can leave out a statement whose variable is empty.
 */
function functionPolicy(fn: PlannedFunction): string {
  const id = resourceName(fn);
  const statements = [
    writeLogs(id),
    ...(isInvokedAsynchronously(fn) ? [sendDeadLetters] : []),
    ...(fn.background
      ? [deliver('on_success_destination_arn'), deliver('on_failure_destination_arn')]
      : []),
  ];
  return `jsonencode({
    Version = "2012-10-17"
    Statement = concat(${statements.join('')}
    )
  })`;
}

/** The permission to write to the log group of one function. */
function writeLogs(id: string): string {
  return `
      [{
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = ["\${aws_cloudwatch_log_group.${id}.arn}:*"]
      }],`;
}

const sendDeadLetters = `
      [{
        Effect   = "Allow"
        Action   = ["sqs:SendMessage"]
        Resource = [aws_sqs_queue.dead_letter.arn]
      }],`;

/** The permission to send an outcome to the destination that the variable names, if any. */
function deliver(arnVariable: string): string {
  return `
      var.${arnVariable} == "" ? [] : [{
        Effect   = "Allow"
        Action   = ["sqs:SendMessage", "sns:Publish", "events:PutEvents", "lambda:InvokeFunction"]
        Resource = [var.${arnVariable}]
      }],`;
}

function eventInvokeConfig(fn: PlannedFunction): Block {
  const id = resourceName(fn);
  return resource(
    'aws_lambda_function_event_invoke_config',
    id,
    {
      function_name: expression(`aws_lambda_function.${id}.function_name`),
      maximum_retry_attempts: fn.maxRetries,
      maximum_event_age_in_seconds: fn.maxEventAgeSeconds,
    },
    [
      {
        type: 'dynamic',
        labels: ['destination_config'],
        attributes: {
          for_each: expression(
            'var.on_success_destination_arn == "" && var.on_failure_destination_arn == "" ? [] : [true]',
          ),
        },
        blocks: [
          { type: 'content', blocks: [destination('on_success'), destination('on_failure')] },
        ],
      },
    ],
  );
}

function destination(kind: 'on_success' | 'on_failure'): Block {
  return {
    type: 'dynamic',
    labels: [kind],
    attributes: {
      for_each: expression(
        `var.${kind}_destination_arn == "" ? [] : [var.${kind}_destination_arn]`,
      ),
    },
    blocks: [{ type: 'content', attributes: { destination: expression(`${kind}.value`) } }],
  };
}

function scheduleBlocks(fn: PlannedFunction): readonly Block[] {
  const id = resourceName(fn);
  return [
    resource('aws_cloudwatch_event_rule', id, {
      name: interpolated(fullName(fn)),
      schedule_expression: fn.scheduleExpression,
    }),
    resource('aws_cloudwatch_event_target', id, {
      rule: expression(`aws_cloudwatch_event_rule.${id}.name`),
      arn: expression(`aws_lambda_function.${id}.arn`),
      input: scheduleInput(fn),
    }),
    resource('aws_lambda_permission', id, {
      statement_id: 'schedule',
      action: 'lambda:InvokeFunction',
      function_name: expression(`aws_lambda_function.${id}.function_name`),
      principal: 'events.amazonaws.com',
      source_arn: expression(`aws_cloudwatch_event_rule.${id}.arn`),
    }),
  ];
}

/** The name on AWS with prefix and stage, which the function, its role and its rule share. */
function fullName(fn: PlannedFunction): string {
  return `\${var.name_prefix}\${var.stage}-${fn.awsName}`;
}

/** A string whose `${…}` Terraform replaces. */
function interpolated(text: string): Expression {
  return expression(`"${text}"`);
}
