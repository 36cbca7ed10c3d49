// Package sample feeds a Recorder with a made-up run: for the tests of the renderings,
// and to look at them without running anything. Its messages, commands and short
// messages have the real forms; that they follow on one another is not claimed.
//
// It must not be taken for a run of the model.
package sample
