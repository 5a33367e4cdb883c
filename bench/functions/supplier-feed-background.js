const { XMLParser } = require('fast-xml-parser');
const _ = require('lodash');

exports.handler = async () => {
  const feed = new XMLParser().parse(
    '<feed><item><sku>1</sku></item><item><sku>2</sku></item></feed>',
  );
  console.log(_.map(feed.feed.item, 'sku'));
};
