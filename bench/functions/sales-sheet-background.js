const ExcelJS = require('exceljs');

exports.handler = async () => {
  const book = new ExcelJS.Workbook();
  book.addWorksheet('Sales').addRow(['LMP-001', 3]);
  console.log((await book.xlsx.writeBuffer()).byteLength > 1000);
};
