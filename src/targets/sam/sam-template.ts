import { eventTemplate, ingressDocument } from '../aws/ingress.ts';
import {
  isInvokedAsynchronously,
  type LambdaPlan,
  type PlannedFunction,
} from '../aws/lambda-plan.ts';
import { scheduleInput } from '../aws/schedule-input.ts';

type Resource = Record<string, unknown>;
type Resources = Record<string, Resource>;

const getAtt = (id: string, attribute: string): unknown => ({ 'Fn::GetAtt': [id, attribute] });
const ref = (id: string): unknown => ({ Ref: id });
const sub = (text: string): unknown => ({ 'Fn::Sub': text });
const functionName = (fn: PlannedFunction): unknown => sub(`\${NamePrefix}\${Stage}-${fn.awsName}`);

/** A variable of every function, and the parameter of the template that has its value. */
interface EnvironmentParameter {
  readonly variable: string;
  readonly parameterId: string;
}

/**
 * The document of `template.yaml` for the AWS SAM CLI. The file lies beside the zips and names them
 * by relative path.
 *
 * @param environment Names of variables that every function gets; their values are parameters,
 *   which CloudFormation does not show
 */
export function samTemplate(
  plan: LambdaPlan,
  environment: readonly string[] = [],
): Record<string, unknown> {
  const environmentParameters = environment.map((variable) => ({
    variable,
    parameterId: `Env${variable.replaceAll(/[^A-Za-z0-9]+/g, 'x')}`,
  }));
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Transform: 'AWS::Serverless-2016-10-31',
    Description:
      'Functions built by bgfn, with asynchronous invocation, retries, a dead-letter queue and an HTTP API.',
    // A key whose value is undefined would be written to the file as null.
    ...(environment.length === 0 ? {} : { Globals: globals(environmentParameters) }),
    Parameters: { ...parameters(), ...valueParameters(environmentParameters) },
    Mappings: {
      Ingress: { Event: { base64: eventTemplate('base64'), text: eventTemplate('text') } },
    },
    Conditions: {
      HasSuccessDestination: isSet('OnSuccessDestinationArn'),
      HasFailureDestination: isSet('OnFailureDestinationArn'),
    },
    Resources: {
      DeadLetterQueue: deadLetterQueue(),
      ...Object.assign({}, ...plan.functions.map(functionResources)),
      ...ingressResources(plan),
    },
    Outputs: outputs(),
  };
}

/** Settings of every function: the environment variables, each with the value of its parameter. */
function globals(environment: readonly EnvironmentParameter[]): unknown {
  const variables = environment.map(({ variable, parameterId }) => [variable, ref(parameterId)]);
  return { Function: { Environment: { Variables: Object.fromEntries(variables) } } };
}

function valueParameters(environment: readonly EnvironmentParameter[]): Record<string, unknown> {
  return Object.fromEntries(
    environment.map(({ variable, parameterId }) => [
      parameterId,
      { Type: 'String', NoEcho: true, Description: `The environment variable ${variable}` },
    ]),
  );
}

/** The condition that a parameter is not empty. */
function isSet(parameter: string): unknown {
  return { 'Fn::Not': [{ 'Fn::Equals': [ref(parameter), ''] }] };
}

function outputs(): Record<string, unknown> {
  return {
    Url: {
      Description: 'Where the functions answer',
      Value: sub('https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}/${Stage}'),
    },
    DeadLetterQueueUrl: {
      Description: 'Events whose last attempt failed',
      Value: ref('DeadLetterQueue'),
    },
  };
}

function parameters(): Record<string, unknown> {
  return {
    Stage: {
      Type: 'String',
      Default: 'production',
      AllowedPattern: '^[A-Za-z0-9_]+$',
      MaxLength: 11,
      Description: 'Stage of the HTTP API; part of every function name',
    },
    NamePrefix: {
      Type: 'String',
      Default: '',
      AllowedPattern: '^[A-Za-z0-9_-]*$',
      MaxLength: 12,
      Description: 'Put before every function name',
    },
    LogRetentionDays: {
      Type: 'Number',
      Default: 30,
      AllowedValues: [1, 3, 5, 7, 14, 30, 60, 90, 180, 365],
      Description: 'How long logs are kept',
    },
    OnSuccessDestinationArn: {
      Type: 'String',
      Default: '',
      Description:
        'Queue, topic, bus or function that gets the outcome of successful background invocations',
    },
    OnFailureDestinationArn: {
      Type: 'String',
      Default: '',
      Description: 'The same for failed ones',
    },
  };
}

function deadLetterQueue(): Resource {
  return {
    Type: 'AWS::SQS::Queue',
    Properties: { MessageRetentionPeriod: 1_209_600, SqsManagedSseEnabled: true },
  };
}

function functionResources(fn: PlannedFunction): Resources {
  const id = `${fn.identifier}Function`;
  return {
    [`${fn.identifier}Logs`]: {
      Type: 'AWS::Logs::LogGroup',
      DeletionPolicy: 'Delete',
      UpdateReplacePolicy: 'Delete',
      Properties: {
        LogGroupName: sub(`/aws/lambda/\${NamePrefix}\${Stage}-${fn.awsName}`),
        RetentionInDays: ref('LogRetentionDays'),
      },
    },
    [`${fn.identifier}Role`]: functionRole(fn),
    [id]: lambdaFunction(fn),
    ...(fn.background ? { [`${fn.identifier}EventInvokeConfig`]: eventInvokeConfig(fn, id) } : {}),
  };
}

function lambdaFunction(fn: PlannedFunction): Resource {
  return {
    Type: 'AWS::Serverless::Function',
    Properties: {
      FunctionName: functionName(fn),
      CodeUri: fn.zipFile,
      Handler: fn.handler,
      Runtime: fn.runtime,
      Architectures: [fn.architecture],
      Timeout: fn.timeoutSeconds,
      MemorySize: fn.memoryMb,
      Role: getAtt(`${fn.identifier}Role`, 'Arn'),
      LoggingConfig: { LogGroup: ref(`${fn.identifier}Logs`) },
      ...(isInvokedAsynchronously(fn)
        ? { DeadLetterQueue: { Type: 'SQS', TargetArn: getAtt('DeadLetterQueue', 'Arn') } }
        : {}),
      ...(fn.scheduleExpression === undefined ? {} : { Events: { Schedule: scheduleEvent(fn) } }),
    },
  };
}

function eventInvokeConfig(fn: PlannedFunction, id: string): Resource {
  const destination = (condition: string, parameter: string): unknown => ({
    'Fn::If': [condition, { Destination: ref(parameter) }, ref('AWS::NoValue')],
  });
  return {
    Type: 'AWS::Lambda::EventInvokeConfig',
    Properties: {
      FunctionName: ref(id),
      Qualifier: '$LATEST',
      MaximumRetryAttempts: fn.maxRetries,
      MaximumEventAgeInSeconds: fn.maxEventAgeSeconds,
      DestinationConfig: {
        OnSuccess: destination('HasSuccessDestination', 'OnSuccessDestinationArn'),
        OnFailure: destination('HasFailureDestination', 'OnFailureDestinationArn'),
      },
    },
  };
}

/**
 * The role of one function. It may write to the log group of the function, send dead letters to the
 * queue, and send outcomes to the destinations.
 */
function functionRole(fn: PlannedFunction): Resource {
  const writeLogs = {
    Effect: 'Allow',
    Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    Resource: getAtt(`${fn.identifier}Logs`, 'Arn'),
  };
  const deadLetter = {
    Effect: 'Allow',
    Action: 'sqs:SendMessage',
    Resource: getAtt('DeadLetterQueue', 'Arn'),
  };
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: trust('lambda.amazonaws.com'),
      Policies: [
        {
          PolicyName: 'function',
          PolicyDocument: {
            Version: '2012-10-17',
            Statement: [
              writeLogs,
              ...(isInvokedAsynchronously(fn) ? [deadLetter] : []),
              ...(fn.background
                ? [
                    deliver('HasSuccessDestination', 'OnSuccessDestinationArn'),
                    deliver('HasFailureDestination', 'OnFailureDestinationArn'),
                  ]
                : []),
            ],
          },
        },
      ],
    },
  };
}

/** The permission to send an outcome to the destination that the parameter names, if any. */
function deliver(condition: string, parameter: string): unknown {
  const statement = {
    Effect: 'Allow',
    Action: ['sqs:SendMessage', 'sns:Publish', 'events:PutEvents', 'lambda:InvokeFunction'],
    Resource: ref(parameter),
  };
  return { 'Fn::If': [condition, statement, ref('AWS::NoValue')] };
}

function scheduleEvent(fn: PlannedFunction): unknown {
  return {
    Type: 'Schedule',
    Properties: { Schedule: fn.scheduleExpression, Input: scheduleInput(fn) },
  };
}

function ingressResources(plan: LambdaPlan): Resources {
  const routed = [...new Set(plan.routes.map((route) => route.function))];
  return {
    ApiRole: {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: trust('apigateway.amazonaws.com'),
        Policies: [
          {
            PolicyName: 'invoke',
            PolicyDocument: {
              Version: '2012-10-17',
              Statement: [
                {
                  Effect: 'Allow',
                  Action: 'lambda:InvokeFunction',
                  Resource: routed.map((fn) => getAtt(`${fn.identifier}Function`, 'Arn')),
                },
              ],
            },
          },
        ],
      },
    },
    Api: {
      Type: 'AWS::Serverless::Api',
      Properties: {
        StageName: ref('Stage'),
        OpenApiVersion: '3.0.1',
        EndpointConfiguration: { Type: 'REGIONAL' },
        DefinitionBody: ingressDocument(plan.routes, {
          eventTemplate: (body) => ({ 'Fn::FindInMap': ['Ingress', 'Event', body] }),
          title: sub('${NamePrefix}${Stage}'),
          invokeRoleArn: getAtt('ApiRole', 'Arn'),
          invocationUri: (fn) =>
            sub(
              `arn:\${AWS::Partition}:apigateway:\${AWS::Region}:lambda:path/2015-03-31/functions/\${${fn.identifier}Function.Arn}/invocations`,
            ),
        }),
      },
    },
  };
}

function trust(service: string): unknown {
  return {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
  };
}
