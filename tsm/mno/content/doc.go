// Package content is what an MNO-TSM does to a card's content, without the card:
// the commands that make a provider's domain, load and install its application,
// lock it and remove it, what load file may go there, which commands get a token,
// and which receipt confirms which command.
//
// It must not know stores, keys, bearers or workflows. It implements
// spec/MNO-TSM.md, section "Content".
package content
