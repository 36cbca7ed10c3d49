package inkan.aram;

import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Util;

/**
 * Reads the data objects of a command, which may be anything, and remembers
 * where the parts of a rule are in the buffer. Whatever is malformed is 6A80.
 *
 * All that changes is in one transient array, so that reading wears out
 * nothing. A part is absent when its offset is 0: no value begins there, since
 * a header is in front of it.
 */
final class RuleReader {
	// The parts of a rule, in the order in which they are stored.
	static final short AID = 0;
	static final short APP = 1;
	static final short PACKAGE = 2;
	static final short APDU = 3;
	static final short NFC = 4;
	static final short PERMISSIONS = 5;
	private static final short PARTS = 6;

	// Indexes in the state: offset and length of each part, then these.
	private static final short AID_TAG = 12;
	private static final short UNKNOWN = 13;
	private static final short CURRENT_TAG = 14;
	private static final short VALUE = 15;
	private static final short NEXT = 16;
	private static final short STATE_SIZE = 17;

	private static final short FILTER_SIZE = 8;
	private static final short MAX_PACKAGE = 127;

	private final short[] state;

	RuleReader() {
		state = JCSystem.makeTransientShortArray(STATE_SIZE, JCSystem.CLEAR_ON_RESET);
	}

	/** Forgets the parts of the rule before. */
	void clear() {
		for (short i = 0; i < STATE_SIZE; i++) {
			state[i] = 0;
		}
	}

	/** The tag of the object that was opened last; 0 for one of several bytes. */
	byte tag() {
		return (byte) state[CURRENT_TAG];
	}

	/** Where the value of the object that was opened last begins. */
	short value() {
		return state[VALUE];
	}

	/** Where the value of the object that was opened last ends. */
	short next() {
		return state[NEXT];
	}

	/** Tells whether an object that is not known was passed over. */
	boolean sawUnknown() {
		return state[UNKNOWN] != 0;
	}

	/** Reads the header of the object at an offset; all of it has to lie in front of end. */
	void open(byte[] b, short offset, short end) {
		byte tag = at(b, offset++, end);
		if (tag == 0) {
			ISOException.throwIt(ISO7816.SW_WRONG_DATA);
		}
		if ((tag & 0x1F) == 0x1F) {
			tag = 0;
			byte more = at(b, offset++, end);
			if (more == (byte) 0x80 || more < 0 && at(b, offset++, end) < 0) {
				ISOException.throwIt(ISO7816.SW_WRONG_DATA);
			}
		}
		short n = at(b, offset++, end);
		if (n < 0) {
			short bytes = (short) (n & 0x7F);
			if (bytes == 0 || bytes > 4) {
				ISOException.throwIt(ISO7816.SW_WRONG_DATA);
			}
			for (n = 0; bytes > 0; bytes--) {
				if (n > 127) { // longer than any command
					ISOException.throwIt(ISO7816.SW_WRONG_DATA);
				}
				n = (short) ((short) (n << 8) | (short) (at(b, offset++, end) & 0xFF));
			}
		}
		if (n > (short) (end - offset)) {
			ISOException.throwIt(ISO7816.SW_WRONG_DATA);
		}
		state[CURRENT_TAG] = tag;
		state[VALUE] = offset;
		state[NEXT] = (short) (offset + n);
	}

	/** Opens the object that is all there is between an offset and end. */
	void openOnly(byte[] b, short offset, short end) {
		open(b, offset, end);
		if (state[NEXT] != end) {
			ISOException.throwIt(ISO7816.SW_WRONG_DATA);
		}
	}

	private static byte at(byte[] b, short offset, short end) {
		if (offset >= end) {
			ISOException.throwIt(ISO7816.SW_WRONG_DATA);
		}
		return b[offset];
	}

	/** Reads the value of a REF-AR-DO: a REF-DO and an AR-DO. */
	void readRule(byte[] b, short offset, short end) {
		open(b, offset, end);
		short rights = state[NEXT];
		if (tag() != Tag.REF) {
			ISOException.throwIt(ISO7816.SW_WRONG_DATA);
		}
		readReference(b, state[VALUE], rights);
		openOnly(b, rights, end);
		if (tag() != Tag.AR) {
			ISOException.throwIt(ISO7816.SW_WRONG_DATA);
		}
		readRights(b, state[VALUE], end);
	}

	/**
	 * Reads the value of a REF-DO. An object that is not known would narrow the
	 * rule in a way that is lost without it, so it is refused.
	 */
	void readReference(byte[] b, short offset, short end) {
		while (offset < end) {
			open(b, offset, end);
			offset = state[NEXT];
			short n = (short) (offset - state[VALUE]);
			switch (tag()) {
			case Tag.AID_REF:
			case Tag.DEFAULT_REF:
				readAID();
				break;
			case Tag.APP_REF:
				part(APP, n == 0 || n == 20 || n == 32);
				break;
			case Tag.PACKAGE_REF:
				part(PACKAGE, n > 0 && n <= MAX_PACKAGE);
				break;
			default:
				ISOException.throwIt(ISO7816.SW_WRONG_DATA);
			}
		}
		if (!has(APP)) {
			ISOException.throwIt(ISO7816.SW_WRONG_DATA);
		}
	}

	/** Takes the open object, an AID-REF-DO of either tag, as the rule's. */
	void readAID() {
		short n = (short) (state[NEXT] - state[VALUE]);
		if (tag() == Tag.DEFAULT_REF) {
			part(AID, n == 0);
		} else {
			part(AID, n == 0 || n >= 5 && n <= 16);
		}
		state[AID_TAG] = tag();
	}

	/** Reads the value of an AR-DO: at least one right that is known. */
	private void readRights(byte[] b, short offset, short end) {
		while (offset < end) {
			open(b, offset, end);
			offset = state[NEXT];
			short n = (short) (offset - state[VALUE]);
			switch (tag()) {
			case Tag.APDU_AR:
				part(APDU, n == 1 ? isRule(b) : n > 0 && (short) (n % FILTER_SIZE) == 0);
				break;
			case Tag.NFC_AR:
				part(NFC, n == 1 && isRule(b));
				break;
			case Tag.PERMISSIONS_AR:
				part(PERMISSIONS, n == 8);
				break;
			default:
				state[UNKNOWN] = 1;
			}
		}
		if (!has(APDU) && !has(NFC) && !has(PERMISSIONS)) {
			ISOException.throwIt(ISO7816.SW_WRONG_DATA);
		}
	}

	/** Tells whether the open object says never (00) or always (01). */
	private boolean isRule(byte[] b) {
		byte rule = b[state[VALUE]];
		return rule == 0 || rule == 1;
	}

	/** Takes the open object as a part, once. */
	private void part(short part, boolean wellFormed) {
		if (!wellFormed || has(part)) {
			ISOException.throwIt(ISO7816.SW_WRONG_DATA);
		}
		state[(short) (2 * part)] = state[VALUE];
		state[(short) (2 * part + 1)] = (short) (state[NEXT] - state[VALUE]);
	}

	/** Tells whether the rule has a part. */
	boolean has(short part) {
		return state[(short) (2 * part)] != 0;
	}

	/** Where the value of a part begins in the buffer. */
	short offset(short part) {
		return state[(short) (2 * part)];
	}

	/** How long the value of a part is. */
	short length(short part) {
		return state[(short) (2 * part + 1)];
	}

	private byte tagOf(short part) {
		switch (part) {
		case AID:
			return (byte) state[AID_TAG];
		case APP:
			return Tag.APP_REF;
		case PACKAGE:
			return Tag.PACKAGE_REF;
		case APDU:
			return Tag.APDU_AR;
		case NFC:
			return Tag.NFC_AR;
		}
		return Tag.PERMISSIONS_AR;
	}

	/** Tells whether the object at p of a stored rule is the rule's part. */
	boolean matches(byte[] b, short part, byte[] rules, short p) {
		return has(part) && rules[p] == tagOf(part) && Tlv.length(rules, p) == length(part)
				&& Util.arrayCompare(rules, Tlv.value(rules, p), b, offset(part), length(part)) == 0;
	}

	/** Tells whether a stored REF-DO (p: its offset; never empty) has the rule's AID part, which comes first. */
	boolean matchesAID(byte[] b, byte[] rules, short p) {
		return matches(b, AID, rules, Tlv.value(rules, p));
	}

	/** Tells whether a stored REF-DO is the rule's. */
	boolean matchesReference(byte[] b, byte[] rules, short p) {
		return matchesParts(b, AID, PACKAGE, rules, p);
	}

	/** Tells whether a stored AR-DO is the rule's. */
	boolean matchesRights(byte[] b, byte[] rules, short p) {
		return matchesParts(b, APDU, PERMISSIONS, rules, p);
	}

	private boolean matchesParts(byte[] b, short first, short last, byte[] rules, short p) {
		short end = Tlv.next(rules, p);
		p = Tlv.value(rules, p);
		for (short part = first; part <= last; part++) {
			if (has(part)) {
				if (p == end || !matches(b, part, rules, p)) {
					return false;
				}
				p = Tlv.next(rules, p);
			}
		}
		return p == end;
	}

	/** The size of the rule as a REF-AR-DO. */
	short size() {
		return Tlv.size((short) (Tlv.size(partsSize(AID, PACKAGE)) + Tlv.size(partsSize(APDU, PERMISSIONS))));
	}

	private short partsSize(short first, short last) {
		short n = 0;
		for (short part = first; part <= last; part++) {
			if (has(part)) {
				n += Tlv.size(length(part));
			}
		}
		return n;
	}

	/** Writes the rule as a REF-AR-DO to an offset of the rules, outside any transaction. */
	void write(byte[] b, byte[] rules, short p) {
		short reference = partsSize(AID, PACKAGE);
		short rights = partsSize(APDU, PERMISSIONS);
		p = Tlv.putTag(rules, p, Tag.REF_AR);
		p = Tlv.putLength(rules, p, (short) (Tlv.size(reference) + Tlv.size(rights)));
		p = Tlv.putTag(rules, p, Tag.REF);
		p = Tlv.putLength(rules, p, reference);
		p = writeParts(b, AID, PACKAGE, rules, p);
		p = Tlv.putTag(rules, p, Tag.AR);
		p = Tlv.putLength(rules, p, rights);
		writeParts(b, APDU, PERMISSIONS, rules, p);
	}

	private short writeParts(byte[] b, short first, short last, byte[] rules, short p) {
		for (short part = first; part <= last; part++) {
			if (has(part)) {
				p = Tlv.putTag(rules, p, tagOf(part));
				p = Tlv.putLength(rules, p, length(part));
				p = Util.arrayCopyNonAtomic(b, offset(part), rules, p, length(part));
			}
		}
		return p;
	}
}
