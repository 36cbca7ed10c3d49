// Command bench measures the hot paths against baselines in the same run and
// prints a table: bench/PROMISES.md, measured here and now.
//
// A promise is a ratio, so that it holds on any machine; the absolute figures
// are only reported. Nothing here is a test.
package main

// Promise is a hot path, what it is compared with, and how much slower it may
// be.
type Promise struct {
	Name     string  // what one operation is
	Baseline string  // what the baseline's operation is
	Limit    float64 // promised: time of an operation over the baseline's
	// MaxNanos is how long an operation may take on a machine as that of
	// PROMISES.md, with nothing else to do; 0: nothing is promised.
	MaxNanos float64
	// AllocLimit is how many allocations an operation may make beyond the
	// baseline's own; a baseline of ours makes none.
	AllocLimit float64
	// Setup prepares both. It fails unless the two compute the same result.
	Setup func() (operation, baseline func(), err error)
	// Measure measures in place of Setup what is not one function to call over and
	// over: what needs preparation each time, several callers, or another clock.
	Measure func(rounds int) (Result, error)
}

// promises are all promises, in the order of the table.
var promises = []Promise{
	scp03Promise,
	scp02Promise,
	apduPromise,
	tlvPromise,
	vmPromise,
	signPromise,
	rawPromise,
	jpkiPromise,
	loadPromise,
	commandPromise,
	sealPromise,
	convertPromise,
	certifyPromise,
	issuePromise,
	issueCardPromise,
	listPromise,
	publishPromise,
	cachedPromise,
	openPromise,
	handlePromise,
	stepPromise,
	downloadPromise,
	onCardPromise,
}
