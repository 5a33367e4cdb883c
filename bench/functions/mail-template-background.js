const Handlebars = require('handlebars');

exports.handler = async () => {
  console.log(Handlebars.compile('Hello {{name}}')({ name: 'Ada' }));
};
