// Loaded before Azurite, which looks for bodies that no blob has every ten minutes, and removes
// each alone: 19 ms of all its time where there are 10,000. After 2,000 replaced ones it answers
// nobody for minutes. It also takes those of uploads that are under way, because it reads their
// age from a property that they do not have. What runs for one play can keep them all.
const constants = require('azurite/dist/src/blob/utils/constants');

const DAY = 24 * 60 * 60 * 1000;

constants.DEFAULT_GC_INTERVAL_MS = DAY;
