// Package text writes what the pages say for a terminal and for a chat: plain
// text of 80 columns, and Markdown.
//
// Everything that comes from a cluster is hostile here as well: a terminal
// obeys control characters and Markdown obeys punctuation, so both are taken
// out or escaped before a word is written.
package text
