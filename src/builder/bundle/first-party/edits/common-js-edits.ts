import { parseSync } from 'oxc-parser';
import { isSloppyText } from '../../syntax/sloppy-text.ts';
import { mayUseModuleObject, moduleObjectEdits } from './module-object-edits.ts';
import { rewriteSloppyCode, type SloppyFindings } from './sloppy-rewrite.ts';

const nothingFound: SloppyFindings = { edits: [], warnings: [] };

/** Whether the text of a module may need edits for the bundle, which is an ES module. */
export function mayNeedCommonJsEdits(source: string): boolean {
  return isSloppyText(source) || mayUseModuleObject(source);
}

/**
 * Returns the edits with which a CommonJS module means the same as part of an ES module.
 *
 * @param place Of the module in the artifact
 */
export function commonJsEdits(file: string, source: string, place: string): SloppyFindings {
  if (!mayNeedCommonJsEdits(source)) return nothingFound;
  const { program, module } = parseSync(file, source, { sourceType: 'unambiguous' });
  if (module.hasModuleSyntax) return nothingFound;
  const { edits, warnings } = rewriteSloppyCode(file, source, program);
  return { edits: [...edits, ...moduleObjectEdits(program, place)], warnings };
}
