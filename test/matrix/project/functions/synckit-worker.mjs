import { runAsWorker } from 'synckit';

runAsWorker(async (n) => n + 1);
