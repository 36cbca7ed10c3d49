package inkan.aram;

/**
 * Status words that Java Card's own constants do not name: spec/ARAM.md, "Status
 * words".
 */
final class Status {
	/** Stored, and there was a rule for the same target already. */
	static final short RULE_EXISTED = (short) 0x6381;
	/** Stored, without data objects that are not known. */
	static final short UNKNOWN_DISCARDED = (short) 0x6382;
	/** The command data object is not supported. */
	static final short DO_NOT_SUPPORTED = (short) 0x6981;
	/** The rules changed while they were read: read again from the start. */
	static final short RULES_UPDATED = (short) 0x6984;
	/** No rule matches the reference. */
	static final short REFERENCE_NOT_FOUND = (short) 0x6A88;
	/** A rule for the same target says something else. */
	static final short CONFLICT = (short) 0x6A89;
	/** No memory for the rule, or the target has too many filters. */
	static final short NO_MEMORY = (short) 0x6A84;

	private Status() {
	}
}
