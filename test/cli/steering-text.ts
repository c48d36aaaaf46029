/** What steers a terminal: colours, its title, a cleared screen, the direction of text, the start of the line. */
export const evil = '\u001B[31mred\u001B]0;title\u0007\u009B2J\u202E\r'
export const steering = /[^\P{Cc}\t\n]|\u202E/u
