import { isInvokedAsynchronously, type PlannedFunction } from '../aws/lambda-plan.ts';
import { scheduleInput } from '../aws/schedule-input.ts';
import { type Block, type Expression, expression } from './hcl.ts';
import { resourceName } from './resource-name.ts';
import { trustPolicy } from './trust-policy.ts';

/** One function with its log group, role and schedule. */
export function functionBlocks(fn: PlannedFunction): readonly Block[] {
  const id = resourceName(fn);
  return [
    {
      type: 'resource',
      labels: ['aws_cloudwatch_log_group', id],
      attributes: {
        name: expression(`"/aws/lambda/\${var.name_prefix}\${var.stage}-${fn.awsName}"`),
        retention_in_days: expression('var.log_retention_days'),
      },
    },
    {
      type: 'resource',
      labels: ['aws_iam_role', id],
      attributes: { name: fullName(fn), assume_role_policy: trustPolicy('lambda.amazonaws.com') },
    },
    {
      type: 'resource',
      labels: ['aws_iam_role_policy', id],
      attributes: {
        name: 'function',
        role: expression(`aws_iam_role.${id}.id`),
        policy: expression(functionPolicy(fn)),
      },
    },
    lambdaFunction(fn),
    ...(fn.background ? [eventInvokeConfig(fn)] : []),
    ...(fn.scheduleExpression === undefined ? [] : scheduleBlocks(fn)),
  ];
}

function lambdaFunction(fn: PlannedFunction): Block {
  const id = resourceName(fn);
  return {
    type: 'resource',
    labels: ['aws_lambda_function', id],
    attributes: {
      function_name: fullName(fn),
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
    blocks: [...(isInvokedAsynchronously(fn) ? [deadLetterConfig] : []), environmentBlock],
  };
}

const deadLetterConfig: Block = {
  type: 'dead_letter_config',
  attributes: { target_arn: expression('aws_sqs_queue.dead_letter.arn') },
};

/** The block `environment`, left out when the variable names nothing. */
const environmentBlock: Block = {
  type: 'dynamic',
  labels: ['environment'],
  attributes: {
    for_each: expression('length(var.environment) == 0 ? [] : [var.environment]'),
  },
  blocks: [{ type: 'content', attributes: { variables: expression('environment.value') } }],
};

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

/** The permission to write one log group. */
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

/** The permission to hand an outcome on, when a variable names where to. */
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
  return {
    type: 'resource',
    labels: ['aws_lambda_function_event_invoke_config', id],
    attributes: {
      function_name: expression(`aws_lambda_function.${id}.function_name`),
      maximum_retry_attempts: fn.maxRetries,
      maximum_event_age_in_seconds: fn.maxEventAgeSeconds,
    },
    blocks: [
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
  };
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
    {
      type: 'resource',
      labels: ['aws_cloudwatch_event_rule', id],
      attributes: {
        name: fullName(fn),
        schedule_expression: fn.scheduleExpression,
      },
    },
    {
      type: 'resource',
      labels: ['aws_cloudwatch_event_target', id],
      attributes: {
        rule: expression(`aws_cloudwatch_event_rule.${id}.name`),
        arn: expression(`aws_lambda_function.${id}.arn`),
        input: scheduleInput(fn),
      },
    },
    {
      type: 'resource',
      labels: ['aws_lambda_permission', id],
      attributes: {
        statement_id: 'schedule',
        action: 'lambda:InvokeFunction',
        function_name: expression(`aws_lambda_function.${id}.function_name`),
        principal: 'events.amazonaws.com',
        source_arn: expression(`aws_cloudwatch_event_rule.${id}.arn`),
      },
    },
  ];
}

/** Name on AWS, prefix and stage included: of the function, its role and its rule. */
function fullName(fn: PlannedFunction): Expression {
  return expression(`"\${var.name_prefix}\${var.stage}-${fn.awsName}"`);
}
