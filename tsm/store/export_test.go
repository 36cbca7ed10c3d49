package store

// SetBatchRows has migrations work in smaller batches until the function that it
// gives is called.
func SetBatchRows(n int) (back func()) {
	before := batchRows
	batchRows = n
	return func() { batchRows = before }
}

// Nested is nested.
func Nested() bool { return nested() }
