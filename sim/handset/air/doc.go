// Package air is the way between a network and a handset as a model with a seed:
// for each bearer how long a message takes, and whether it is lost, doubled or
// overtaken. Times are simulated: they are given to whoever asks, and nothing waits.
//
// It must not know what messages say, nor who sends them. It implements
// spec/HANDSET.md, section "Network model", which has the parameters and says which
// of them were measured: none.
package air
