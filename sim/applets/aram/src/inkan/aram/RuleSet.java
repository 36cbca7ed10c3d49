package inkan.aram;

import javacard.framework.APDU;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Util;
import javacard.security.RandomData;

/**
 * The rules, in memory that keeps them.
 *
 * live[0] to live[used-1] are the stored REF-AR-DOs one behind the other: just
 * the value of Response-ALL-AR-DO. A new rule is written behind them, where
 * nobody looks, and then one short transaction moves the end and changes the
 * refresh tag. A deletion copies what stays into the other array, and the
 * transaction exchanges the two. So whatever the moment of a power cut, the old
 * rules or the new ones are there, and the transaction is 8 bytes of tag, a
 * length and two references, which every card's commit buffer can hold.
 */
final class RuleSet {
	/** What delete selects the rules by. */
	static final byte BY_NOTHING = 0;
	static final byte BY_AID = 1;
	static final byte BY_REFERENCE = 2;
	static final byte BY_RULE = 3;

	private static final short TAG_SIZE = 8;
	/** Bytes of filters that the rules of one target may have together: 29 filters. */
	private static final short MAX_FILTERS = 232;

	// Indexes in found, what find finds: a length, then offsets of objects, 0 for none.
	private static final short FILTER_BYTES = 0;
	private static final short GENERIC = 1;
	private static final short NFC = 2;
	private static final short PERMISSIONS = 3;
	private static final short REFERENCE = 4;
	private static final short FOUND_SIZE = 5;

	private byte[] live;
	private byte[] spare;
	private short used;
	private final byte[] refreshTag;
	private final short[] found;

	/**
	 * Makes an empty set for a number of bytes of rules, twice. The refresh tag
	 * begins at a random value, so that an application that is installed again
	 * does not repeat the tags that a phone may remember.
	 */
	RuleSet(short capacity) {
		live = new byte[capacity];
		spare = new byte[capacity];
		refreshTag = new byte[TAG_SIZE];
		found = JCSystem.makeTransientShortArray(FOUND_SIZE, JCSystem.CLEAR_ON_RESET);
		RandomData.getInstance(RandomData.ALG_SECURE_RANDOM).generateData(refreshTag, (short) 0, TAG_SIZE);
	}

	/** The array that has the rules from offset 0. */
	byte[] rules() {
		return live;
	}

	/** How many bytes of rules there are. */
	short used() {
		return used;
	}

	/** Copies the refresh tag; returns the offset behind it. */
	short copyRefreshTag(byte[] b, short offset) {
		return Util.arrayCopyNonAtomic(refreshTag, (short) 0, b, offset, TAG_SIZE);
	}

	/** Changes the refresh tag alone. */
	void touch() {
		JCSystem.beginTransaction();
		advanceTag();
		JCSystem.commitTransaction();
	}

	/**
	 * Stores the rule that the reader has read out of b. Tells whether there was
	 * a rule for the same target. A rule that is there word for word is not
	 * stored again. Throws 6A89 if a rule for the same target contradicts it,
	 * and 6A84 if it does not fit.
	 */
	boolean store(RuleReader rule, byte[] b) {
		short filters = isFilter(rule) ? rule.length(RuleReader.APDU) : 0;
		boolean existed = false;
		boolean same = false;
		for (short p = 0; p < used; p = Tlv.next(live, p)) {
			short reference = Tlv.value(live, p);
			if (!rule.matchesReference(b, live, reference)) {
				continue;
			}
			existed = true;
			short rights = Tlv.next(live, reference);
			if (rule.matchesRights(b, live, rights)) {
				same = true;
			}
			filters += agree(rule, b, rights);
		}
		if (same) {
			return true;
		}
		short size = rule.size();
		if (filters > MAX_FILTERS || size > (short) (live.length - used)) {
			ISOException.throwIt(Status.NO_MEMORY);
		}
		rule.write(b, live, used);
		JCSystem.beginTransaction();
		used += size;
		advanceTag();
		JCSystem.commitTransaction();
		return existed;
	}

	private static boolean isFilter(RuleReader rule) {
		return rule.length(RuleReader.APDU) > 1;
	}

	/** Throws 6A89 unless a stored AR-DO goes together with the rule; returns its bytes of filters. */
	private short agree(RuleReader rule, byte[] b, short rights) {
		short filters = 0;
		short end = Tlv.next(live, rights);
		for (short p = Tlv.value(live, rights); p < end; p = Tlv.next(live, p)) {
			short part = RuleReader.PERMISSIONS;
			if (live[p] == Tag.APDU_AR) {
				part = RuleReader.APDU;
				if (Tlv.length(live, p) > 1) {
					filters = Tlv.length(live, p);
					if (isFilter(rule)) {
						continue; // filters add up
					}
				}
			} else if (live[p] == Tag.NFC_AR) {
				part = RuleReader.NFC;
			}
			if (rule.has(part) && !rule.matches(b, part, live, p)) {
				ISOException.throwIt(Status.CONFLICT);
			}
		}
		return filters;
	}

	/**
	 * Deletes the rules that match what the reader has read out of b; tells
	 * whether there were any.
	 */
	boolean delete(byte by, RuleReader rule, byte[] b) {
		short kept = 0;
		short next;
		for (short p = 0; p < used; p = next) {
			next = Tlv.next(live, p);
			if (!matches(by, rule, b, p)) {
				kept = Util.arrayCopyNonAtomic(live, p, spare, kept, (short) (next - p));
			}
		}
		if (kept == used) {
			return false;
		}
		JCSystem.beginTransaction();
		byte[] old = live;
		live = spare;
		spare = old;
		used = kept;
		advanceTag();
		JCSystem.commitTransaction();
		return true;
	}

	private boolean matches(byte by, RuleReader rule, byte[] b, short p) {
		if (by == BY_NOTHING) {
			return true;
		}
		short reference = Tlv.value(live, p);
		if (by == BY_AID) {
			return rule.matchesAID(b, live, reference);
		}
		return rule.matchesReference(b, live, reference)
				&& (by == BY_REFERENCE || rule.matchesRights(b, live, Tlv.next(live, reference)));
	}

	/** Adds 1 to the refresh tag. */
	private void advanceTag() {
		for (short i = (short) (TAG_SIZE - 1); i >= 0; i--) {
			refreshTag[i]++;
			if (refreshTag[i] != 0) {
				return;
			}
		}
	}

	/**
	 * Finds the rules for the target that the reader has read out of b, and
	 * returns how long the value of their common AR-DO is; 0 if there are none.
	 */
	short find(RuleReader target, byte[] b) {
		for (short i = 0; i < FOUND_SIZE; i++) {
			found[i] = 0;
		}
		for (short p = 0; p < used; p = Tlv.next(live, p)) {
			short reference = Tlv.value(live, p);
			if (target.matchesReference(b, live, reference)) {
				found[REFERENCE] = reference;
				collect(Tlv.next(live, reference));
			}
		}
		short n = 0;
		if (found[FILTER_BYTES] != 0) {
			n = Tlv.size(found[FILTER_BYTES]);
		}
		for (short i = GENERIC; i <= PERMISSIONS; i++) {
			if (found[i] != 0) {
				n += Tlv.size(Tlv.length(live, found[i]));
			}
		}
		return n;
	}

	/** Remembers what a stored AR-DO says. */
	private void collect(short rights) {
		short end = Tlv.next(live, rights);
		for (short p = Tlv.value(live, rights); p < end; p = Tlv.next(live, p)) {
			if (live[p] == Tag.NFC_AR) {
				found[NFC] = p;
			} else if (live[p] == Tag.PERMISSIONS_AR) {
				found[PERMISSIONS] = p;
			} else if (Tlv.length(live, p) == 1) {
				found[GENERIC] = p;
			} else {
				found[FILTER_BYTES] += Tlv.length(live, p);
			}
		}
	}

	/**
	 * Sends the header in the APDU buffer, headerLength bytes, and behind it the
	 * value of the AR-DO that find has found. The target is compared as it is
	 * stored, since the APDU buffer is overwritten.
	 */
	void sendFound(APDU apdu, short headerLength) {
		byte[] buffer = apdu.getBuffer();
		if (found[FILTER_BYTES] != 0) {
			headerLength = Tlv.putTag(buffer, headerLength, Tag.APDU_AR);
			headerLength = Tlv.putLength(buffer, headerLength, found[FILTER_BYTES]);
		}
		apdu.sendBytes((short) 0, headerLength);
		if (found[FILTER_BYTES] != 0) {
			sendFilters(apdu);
		}
		for (short i = GENERIC; i <= PERMISSIONS; i++) {
			if (found[i] != 0) {
				apdu.sendBytesLong(live, found[i], (short) (Tlv.next(live, found[i]) - found[i]));
			}
		}
	}

	/** Sends the filters of all rules for the target that find has found. */
	private void sendFilters(APDU apdu) {
		short size = (short) (Tlv.next(live, found[REFERENCE]) - found[REFERENCE]);
		for (short p = 0; p < used; p = Tlv.next(live, p)) {
			short reference = Tlv.value(live, p);
			short rights = Tlv.next(live, reference);
			if ((short) (rights - reference) != size
					|| Util.arrayCompare(live, reference, live, found[REFERENCE], size) != 0) {
				continue;
			}
			short first = Tlv.value(live, rights); // filters always come first
			if (live[first] == Tag.APDU_AR) {
				apdu.sendBytesLong(live, Tlv.value(live, first), Tlv.length(live, first));
			}
		}
	}
}
