// Package basic is the vocabulary of the My Number Card's basic applications, the
// common application (共通カードAP) and text input support (券面入力補助AP): names,
// files, commands that package jpki does not have, and the content of each file.
//
// It must not know how a card keeps content, nor who issues it. It implements
// spec/IDCARD.md.
package basic
