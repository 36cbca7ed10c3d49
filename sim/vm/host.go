package vm

// Host is Config.Host: where a native finds its card.
func (m *Machine) Host() any { return m.cfg.Host }
