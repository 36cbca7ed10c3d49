package ara

import (
	"iter"

	"inkan/core/gp"
	"inkan/core/tlv"
)

// GetAll is GET DATA [All]: 80 CA FF40. The answer is Response-ALL-REF-AR-DO or
// its beginning.
func GetAll() gp.GetData { return gp.GetData{Tag: TagResponseAll} }

// GetNext is GET DATA [Next]: 80 CA FF60. The answer is what follows.
func GetNext() gp.GetData { return gp.GetData{Tag: TagResponseNext} }

// GetRefreshTag is GET DATA [Refresh tag]: 80 CA DF20; DecodeRefreshTag reads
// the answer.
func GetRefreshTag() gp.GetData { return gp.GetData{Tag: TagResponseRefresh} }

// GetSpecific is GET DATA [Specific]: 80 CA FF50 REF-DO; DecodeResponseRights
// reads the answer. Errors are those of Check.
func GetSpecific(t Target) (gp.GetData, error) {
	data, err := t.Append(nil)
	return gp.GetData{Tag: TagResponseRights, Data: data}, err
}

// GetConfig is GET DATA [Config]: 80 CA DF21 Device-Config-DO, with the version
// that the phone follows; DecodeConfig reads the answer.
func GetConfig(v Version) gp.GetData {
	data, mark := tlv.Begin(nil, TagDeviceConfig)
	data = tlv.Append(data, TagInterfaceVersion, []byte{v.Major, v.Minor, v.Patch})
	return gp.GetData{Tag: TagResponseARAConfig, Data: tlv.End(data, mark)}
}

// Store is the command data object that stores a rule:
// Command-Store-REF-AR-DO. Errors are those of Check.
func Store(r Rule) ([]byte, error) {
	data, mark := tlv.Begin(nil, TagStore)
	data, err := r.Append(data)
	if err != nil {
		return nil, err
	}
	return tlv.End(data, mark), nil
}

// DeleteAll is the command data object that deletes all rules.
func DeleteAll() []byte { return tlv.AppendHeader(nil, TagDelete, 0) }

// DeleteApplication is the command data object that deletes the rules of an
// AID-REF-DO, whichever application of the phone they are for. The target's
// other parts do not count. Errors: a target without AID-REF-DO, or one that
// Check refuses.
func DeleteApplication(t Target) ([]byte, error) {
	if err := t.Check(); err != nil {
		return nil, err
	}
	data, mark := tlv.Begin(nil, TagDelete)
	data = t.appendAIDRef(data)
	if t.AIDRef == NoAIDRef {
		return nil, errNoAIDRef
	}
	return tlv.End(data, mark), nil
}

// DeleteTarget is the command data object that deletes the rules of a target.
// Errors are those of Check.
func DeleteTarget(t Target) ([]byte, error) {
	data, mark := tlv.Begin(nil, TagDelete)
	data, err := t.Append(data)
	if err != nil {
		return nil, err
	}
	return tlv.End(data, mark), nil
}

// DeleteRule is the command data object that deletes one rule. Errors are those
// of Check.
func DeleteRule(r Rule) ([]byte, error) {
	data, mark := tlv.Begin(nil, TagDelete)
	data, err := r.Append(data)
	if err != nil {
		return nil, err
	}
	return tlv.End(data, mark), nil
}

// UpdateRefreshTag is the command data object that changes the refresh tag.
func UpdateRefreshTag() []byte { return tlv.AppendHeader(nil, TagUpdateRefreshTag, 0) }

// Blocks are the STORE DATA commands that bring a command data object to the
// ARA-M, sizeBytes (1 to 255) of data each: leave room for the secure channel's
// MAC and padding. Errors are those of gp.StoreDataBlocks.
func Blocks(object []byte, sizeBytes int) (iter.Seq[gp.StoreData], error) {
	return gp.StoreDataBlocks(object, sizeBytes, gp.StoreData{Structure: gp.StructureBERTLV})
}
