import pg from 'pg';

export default async () => {
  const client = new pg.Client({ connectionString: 'postgres://nobody@127.0.0.1:1/none' });
  console.log(pg.escapeIdentifier('stock'), typeof client.connect);
};
