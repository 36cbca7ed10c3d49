package store

// SetBatchRows has migrations work in smaller batches until the function that it
// gives is called.
func SetBatchRows(n int) (back func()) {
	before := batchRows
	batchRows = n
	return func() { batchRows = before }
}

// Within is within.
func Within() bool { return within() }

// FloorOfWorkflows is the key at which a look for due workflows begins.
func (t *Tenant) FloorOfWorkflows() []byte {
	t.floors.mutex.Lock()
	defer t.floors.mutex.Unlock()
	return t.floors.at[floorWorkflows]
}

// FrontOf is the number at which a look for the first message of a lane begins.
func (t *Tenant) FrontOf(destination string) uint64 {
	return t.fronts.get(destination, t.fronts.count())
}

// MaxFronts is maxFronts.
const MaxFronts = maxFronts

// Fronts is how many lanes are known.
func (t *Tenant) Fronts() int { return len(t.fronts.of) }

// Watches is how many views the floors know of.
func (t *Tenant) Watches() int {
	t.floors.mutex.Lock()
	defer t.floors.mutex.Unlock()
	return len(t.floors.watches)
}
