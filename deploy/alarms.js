// The alarms; docs/operations.md has the remedy for each. Included by serverless.yml.
'use strict';

// Days after which dead letters raise an alarm. SQS deletes them after fourteen,
// without a word: four are left, a long weekend and a day.
const LETTER_DAYS = 10;

// The largest value of a queue's metric in each minute.
const most = (id, MetricName) => ({
  Namespace: 'AWS/SQS', MetricName, Statistic: 'Maximum', Period: 60,
  Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [id, 'QueueName'] } }],
});

// Any failed call of a function in five minutes.
const errors = (id) => ({
  Namespace: 'AWS/Lambda', MetricName: 'Errors', Statistic: 'Sum', Period: 300, EvaluationPeriods: 1, Threshold: 0,
  Dimensions: [{ Name: 'FunctionName', Value: { Ref: id } }],
});

const alarms = (age) => ({
  DeadLettersAlarm: {
    name: 'dead-letters',
    AlarmDescription: 'objects have no thumbnails: look at the dead letters, fix the cause, redrive',
    ...most('DeadLetterQueue', 'ApproximateNumberOfMessagesVisible'),
    EvaluationPeriods: 1, Threshold: 0,
  },
  DeadLetterAgeAlarm: {
    name: 'dead-letter-age',
    AlarmDescription: `dead letters are ${LETTER_DAYS} days old: redrive them before SQS deletes them`,
    ...most('DeadLetterQueue', 'ApproximateAgeOfOldestMessage'),
    EvaluationPeriods: 1, Threshold: LETTER_DAYS * 24 * 60 * 60,
  },
  AgeAlarm: {
    name: 'age',
    AlarmDescription: 'messages wait too long: the stack is too small, or does not work',
    ...most('SourceQueue', 'ApproximateAgeOfOldestMessage'),
    EvaluationPeriods: 5, Threshold: age,
  },
  GenerateErrorsAlarm: {
    name: 'generate-errors',
    AlarmDescription: 'whole batches fail: configuration, permissions or a crash',
    ...errors('GenerateDashthumbnailsLambdaFunction'),
  },
  RedriveErrorsAlarm: {
    name: 'redrive-errors',
    AlarmDescription: 'a redrive failed: nothing is lost, run it again',
    ...errors('RedriveDashdlqLambdaFunction'),
  },
});

module.exports = async ({ resolveVariable }) => {
  const stack = await resolveVariable('self:custom.name');
  const topic = await resolveVariable('param:alarmTopic, ""');
  const wanted = alarms(await resolveVariable('param:alarmAge'));
  const resource = ({ name, ...properties }) => ({
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmName: `${stack}-${name}`,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
      ...(topic ? { AlarmActions: [topic], OKActions: [topic] } : {}),
      ...properties,
    },
  });
  return {
    Resources: Object.fromEntries(Object.entries(wanted).map(([id, alarm]) => [id, resource(alarm)])),
  };
};
