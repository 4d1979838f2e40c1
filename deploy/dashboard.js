// The dashboard of queues, calls and results. Included by serverless.yml.
'use strict';

const queue = (metric, id, stat) => ['AWS/SQS', metric, 'QueueName', `\${${id}.QueueName}`, { stat }];
const lambda = (metric, stat) =>
  ['AWS/Lambda', metric, 'FunctionName', '${GenerateDashthumbnailsLambdaFunction}', { stat }];
// A search over all dimensions: `Function` tells the function from a worker. The names are those of host/src/metric.rs.
const own = (metric, stat) =>
  [{ expression: `SUM(SEARCH('Namespace="Thimble" MetricName="${metric}"', '${stat}', 60))`, label: metric }];

const graphs = [
  ['Queued and in progress', [
    queue('ApproximateNumberOfMessagesVisible', 'SourceQueue', 'Maximum'),
    queue('ApproximateNumberOfMessagesNotVisible', 'SourceQueue', 'Maximum')]],
  ['Age of the oldest message (s)', [queue('ApproximateAgeOfOldestMessage', 'SourceQueue', 'Maximum')]],
  ['Dead letters', [queue('ApproximateNumberOfMessagesVisible', 'DeadLetterQueue', 'Maximum')]],
  ['Age of the oldest dead letter (s)', [queue('ApproximateAgeOfOldestMessage', 'DeadLetterQueue', 'Maximum')]],
  ['Objects and thumbnails', [own('Objects', 'Sum'), own('Thumbnails', 'Sum')]],
  ['Calls, errors, throttles', [lambda('Invocations', 'Sum'), lambda('Errors', 'Sum'), lambda('Throttles', 'Sum')]],
  ['Duration of a batch (ms)', [lambda('Duration', 'p50'), lambda('Duration', 'p99')]],
  ['Calls at one time', [lambda('ConcurrentExecutions', 'Maximum')]],
  ['Results of objects', ['Done', 'Skipped', 'Rejected', 'Retried'].map((name) => own(name, 'Sum'))],
  ['Swaps of engines and of files', ['EngineSwaps', 'EngineRefusals', 'EngineProblems', 'CanaryFailures', 'ConfigSwaps', 'ConfigProblems'].map((name) => own(name, 'Sum'))],
];

const widget = ([title, metrics], index) => ({
  type: 'metric', width: 12, height: 6, x: (index % 2) * 12, y: Math.floor(index / 2) * 6,
  properties: { title, metrics, region: '${AWS::Region}', period: 60, view: 'timeSeries' },
});

module.exports = async ({ resolveVariable }) => ({
  Resources: {
    Dashboard: {
      Type: 'AWS::CloudWatch::Dashboard',
      Properties: {
        DashboardName: await resolveVariable('self:custom.name'),
        DashboardBody: { 'Fn::Sub': JSON.stringify({ widgets: graphs.map(widget) }) },
      },
    },
  },
});
