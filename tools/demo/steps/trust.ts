import { spellings } from '../credentials.ts';
import type { Step } from '../step.ts';
import { NEW_PASSWORD, OLD_PASSWORD } from './names.ts';

const ACCOUNT = 'system:serviceaccount:pullkeeper-system:pullkeeper';

export const fewRights: Step = {
  title: 'Pullkeeper runs with few rights',
  about: 'It runs as its own ServiceAccount, with the rights that its manifests give it.',
  run: async ({ product, type, run, check }) => {
    const account = await product.account();
    check(`serve runs as ${ACCOUNT}`, account === ACCOUNT, account);
    const sources = await run(`kubectl auth can-i list secrets -n pullkeeper-system --as=${ACCOUNT}`);
    check('it may read the Secrets of its own namespace', sources === 'yes', sources);
    const { output, code } = await type(`kubectl auth can-i get secret/any-other -n default --as=${ACCOUNT}`);
    check('and no Secret of another name in any other', code === 1 && output.trim() === 'no', output);
  },
};

export const noPasswordShown: Step = {
  title: 'No password in what Pullkeeper wrote',
  about: 'Its log, its metrics and the Events: searched for both passwords, plain, URL-encoded and in base64.',
  run: async ({ cluster, product, type, check }) => {
    const { output, code } = await type(product.countInLog([OLD_PASSWORD, NEW_PASSWORD]));
    check('none in the log', code === 1 && output.trim() === '0', output);
    const [log, metrics] = await Promise.all([product.log(), product.metrics()]);
    const { stdout: events } = await cluster.kubectl(['get', 'events', '-A', '-o', 'json']);
    check(
      'a log that does tell of sources and Pods',
      /"source read"/.test(log) && /"admission"/.test(log),
      'it does not',
    );
    const written = Object.entries({ log, metrics, events });
    const forms = [OLD_PASSWORD, NEW_PASSWORD].flatMap(spellings);
    const found = written.filter(([, text]) => forms.some((form) => text.includes(form))).map(([name]) => name);
    const searched = written.map(([name, text]) => `${text.length} characters of ${name}`).join(', ');
    check(`none in any form in ${searched}`, found.length === 0, `in ${found.join(' and ')}`);
  },
};
