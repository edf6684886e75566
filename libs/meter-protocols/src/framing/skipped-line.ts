/** How the warning about a line begins that could not be read and was left out of a telegram. */
export const skippedLineWarning = 'line skipped: ';
