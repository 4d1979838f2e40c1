// The queue of results, if there is one: a message for each source that is done or
// rejected. Included by serverless.yml.
'use strict';

const queue = (name) => ({
  Resources: {
    ResultsQueue: {
      Type: 'AWS::SQS::Queue',
      Properties: {
        QueueName: `${name}-results`,
        MessageRetentionPeriod: 1209600, // 14 days, as for the other queues
        SqsManagedSseEnabled: true,
      },
    },
    GenerateDashthumbnailsLambdaFunction: {
      Type: 'AWS::Lambda::Function',
      Properties: { Environment: { Variables: { RESULTS_QUEUE_URL: { Ref: 'ResultsQueue' } } } },
    },
  },
  Outputs: {
    ResultsQueueUrl: { Description: 'a message for each source that is done or rejected', Value: { Ref: 'ResultsQueue' } },
  },
});

module.exports = async ({ resolveVariable }) =>
  (await resolveVariable('param:queueResults')) === 'yes' ? queue(await resolveVariable('self:custom.name')) : {};
