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

// FloorOfWorkflows is the key at which a look for due workflows begins.
func (t *Tenant) FloorOfWorkflows() []byte {
	t.floors.mutex.Lock()
	defer t.floors.mutex.Unlock()
	return t.floors.at[floorWorkflows]
}

// Watches is how many views the floors know of.
func (t *Tenant) Watches() int {
	t.floors.mutex.Lock()
	defer t.floors.mutex.Unlock()
	return len(t.floors.watches)
}
