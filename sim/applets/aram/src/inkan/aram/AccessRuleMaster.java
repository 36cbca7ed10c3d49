package inkan.aram;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.CardRuntimeException;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.MultiSelectable;
import javacard.framework.Util;
import org.globalplatform.Application;
import org.globalplatform.GPSystem;
import org.globalplatform.SecureChannel;

/**
 * The Access Rule Application Master: which application of the phone may talk to
 * which application of the card. spec/ARAM.md says what it does and why.
 *
 * Anybody reads the rules (GET DATA). They are written (STORE DATA) by the
 * security domain that the application belongs to: it forwards the commands to
 * processData, or a host opens the domain's secure channel through this
 * application. The application can be selected on several logical channels at
 * once, since a phone's services read it independently of one another.
 *
 * RAM: about 650 bytes, cleared on reset. None of it is of the kind that is
 * cleared on deselect, because processData runs while another application is
 * selected.
 */
public final class AccessRuleMaster extends Applet implements MultiSelectable, Application {
	private static final byte INS_INITIALIZE_UPDATE = (byte) 0x50;
	private static final byte INS_EXTERNAL_AUTHENTICATE = (byte) 0x82;
	private static final byte INS_GET_DATA = (byte) 0xCA;
	private static final byte INS_STORE_DATA = (byte) 0xE2;

	// P1-P2 of GET DATA.
	private static final short GET_ALL = (short) 0xFF40;
	private static final short GET_SPECIFIC = (short) 0xFF50;
	private static final short GET_NEXT = (short) 0xFF60;
	private static final short GET_REFRESH_TAG = (short) 0xDF20;
	private static final short GET_CONFIG = (short) 0xDF21;

	/** The most bytes of rules that one response has. */
	private static final short MAX_RESPONSE = 255;

	// Bytes of memory for rules: default and limits of the installation parameter.
	private static final short DEFAULT_CAPACITY = 1024;
	private static final short MIN_CAPACITY = 64;
	private static final short MAX_CAPACITY = 8192;

	private static final short CHANNELS = 20;
	// Values of a cursor that are no offset.
	private static final short NOTHING_LEFT = 0;
	private static final short OUTDATED = -1;

	private final RuleSet rules;
	private final RuleReader reader;
	private final Sequence sequence;
	/** For each logical channel how much of Response-ALL-AR-DO has been read. */
	private final short[] cursor;
	/** The logical channel, plus 1, on which the secure channel was opened. */
	private final short[] secured;

	private AccessRuleMaster(short capacity) {
		rules = new RuleSet(capacity);
		reader = new RuleReader();
		sequence = new Sequence();
		cursor = JCSystem.makeTransientShortArray(CHANNELS, JCSystem.CLEAR_ON_RESET);
		secured = JCSystem.makeTransientShortArray((short) 1, JCSystem.CLEAR_ON_RESET);
	}

	/**
	 * Makes an instance. The parameters are three LV fields: instance AID,
	 * privileges, and the application's own, which are empty or the memory for
	 * rules in bytes, two bytes. Anything else throws 6A80.
	 */
	public static void install(byte[] bArray, short bOffset, byte bLength) {
		short end = (short) (bOffset + (short) (bLength & 0xFF));
		short privileges = skip(bArray, bOffset, end);
		short own = skip(bArray, privileges, end);
		if (skip(bArray, own, end) != end) {
			ISOException.throwIt(ISO7816.SW_WRONG_DATA);
		}
		short capacity = DEFAULT_CAPACITY;
		if (bArray[own] != 0) {
			if (bArray[own] != 2) {
				ISOException.throwIt(ISO7816.SW_WRONG_DATA);
			}
			capacity = Util.getShort(bArray, (short) (own + 1));
			if (capacity < MIN_CAPACITY || capacity > MAX_CAPACITY) {
				ISOException.throwIt(ISO7816.SW_WRONG_DATA);
			}
		}
		new AccessRuleMaster(capacity).register(bArray, (short) (bOffset + 1), bArray[bOffset]);
	}

	/** The offset behind an LV field that has to lie in front of end. */
	private static short skip(byte[] b, short offset, short end) {
		if (offset >= end || (short) (b[offset] & 0xFF) >= (short) (end - offset)) {
			ISOException.throwIt(ISO7816.SW_WRONG_DATA);
		}
		return (short) (offset + 1 + (short) (b[offset] & 0xFF));
	}

	/** Selection when the application is selected on no other logical channel. */
	public boolean select() {
		leave();
		return true;
	}

	/** Selection when it may be selected on another one. */
	public boolean select(boolean appInstAlreadyActive) {
		leave();
		return true;
	}

	/** Ends the selection when it is on no other logical channel. */
	public void deselect() {
		leave();
	}

	/** Ends the selection on one logical channel. */
	public void deselect(boolean appInstStillActive) {
		leave();
	}

	/** Forgets what belongs to the selection on this logical channel. */
	private void leave() {
		cursor[JCSystem.getAssignedChannel()] = NOTHING_LEFT;
		if (securedChannel() == JCSystem.getAssignedChannel()) {
			secured[0] = 0;
			sequence.reset(Sequence.CHANNEL);
			GPSystem.getSecureChannel().resetSecurity();
		}
	}

	private short securedChannel() {
		return (short) (secured[0] - 1);
	}

	/** Answers a command. */
	public void process(APDU apdu) {
		if (selectingApplet()) {
			return;
		}
		byte[] buffer = apdu.getBuffer();
		byte cla = buffer[ISO7816.OFFSET_CLA];
		if (cla >= 0 && buffer[ISO7816.OFFSET_INS] == ISO7816.INS_SELECT) {
			ISOException.throwIt(ISO7816.SW_FILE_NOT_FOUND); // of an application that the card does not have
		}
		if (!isGlobalPlatform(cla)) {
			ISOException.throwIt(ISO7816.SW_CLA_NOT_SUPPORTED);
		}
		switch (buffer[ISO7816.OFFSET_INS]) {
		case INS_GET_DATA:
			if (hasSecureMessaging(cla)) {
				ISOException.throwIt(ISO7816.SW_SECURE_MESSAGING_NOT_SUPPORTED);
			}
			getData(apdu);
			break;
		case INS_STORE_DATA:
			storeData(apdu);
			break;
		case INS_INITIALIZE_UPDATE:
		case INS_EXTERNAL_AUTHENTICATE:
			authenticate(apdu);
			break;
		default:
			ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
		}
	}

	/** Tells whether a class byte is 80 to 8F, C0 to CF or E0 to EF. */
	private static boolean isGlobalPlatform(byte cla) {
		if ((cla & 0x40) == 0) {
			return cla < 0 && (cla & 0x30) == 0;
		}
		return cla < 0 && (cla & 0x10) == 0;
	}

	/** Tells whether a class byte says secure messaging: 84 to 8F, E0 to EF. */
	private static boolean hasSecureMessaging(byte cla) {
		if ((cla & 0x40) == 0) {
			return (cla & 0x0C) != 0;
		}
		return (cla & 0x20) != 0;
	}

	/** Receives the command's data; all of it has to fit the APDU buffer. */
	private static short receive(APDU apdu) {
		short n = apdu.setIncomingAndReceive();
		short lc = apdu.getIncomingLength();
		if ((short) (ISO7816.OFFSET_CDATA + lc) > (short) apdu.getBuffer().length) {
			ISOException.throwIt(ISO7816.SW_WRONG_LENGTH);
		}
		while (n < lc) {
			n += apdu.receiveBytes((short) (ISO7816.OFFSET_CDATA + n));
		}
		return lc;
	}

	/** Turns the transfer round; returns how many bytes the host takes at most. */
	private static short outgoing(APDU apdu) {
		short ne = apdu.setOutgoing();
		return ne == 0 || ne > MAX_RESPONSE ? MAX_RESPONSE : ne;
	}

	/** Turns the transfer round for a response of n bytes, or throws 6Cxx. */
	private static void outgoing(APDU apdu, short n) {
		if (outgoing(apdu) < n) {
			ISOException.throwIt((short) (ISO7816.SW_CORRECT_LENGTH_00 + n));
		}
		apdu.setOutgoingLength(n);
	}

	private void getData(APDU apdu) {
		byte[] buffer = apdu.getBuffer();
		switch (Util.getShort(buffer, ISO7816.OFFSET_P1)) {
		case GET_ALL:
			sendAll(apdu, (short) 0);
			break;
		case GET_NEXT:
			short from = cursor[JCSystem.getAssignedChannel()];
			if (from == OUTDATED) {
				ISOException.throwIt(Status.RULES_UPDATED);
			}
			if (from == NOTHING_LEFT) {
				ISOException.throwIt(ISO7816.SW_CONDITIONS_NOT_SATISFIED);
			}
			sendAll(apdu, from);
			break;
		case GET_SPECIFIC:
			sendSpecific(apdu);
			break;
		case GET_REFRESH_TAG:
			outgoing(apdu, (short) 11);
			Util.setShort(buffer, (short) 0, GET_REFRESH_TAG);
			buffer[2] = 8;
			apdu.sendBytes((short) 0, rules.copyRefreshTag(buffer, (short) 3));
			break;
		case GET_CONFIG:
			sendConfig(apdu);
			break;
		default:
			ISOException.throwIt(ISO7816.SW_INCORRECT_P1P2);
		}
	}

	/** Sends a part of Response-ALL-AR-DO, and remembers where the next one begins. */
	private void sendAll(APDU apdu, short from) {
		byte[] buffer = apdu.getBuffer();
		short channel = JCSystem.getAssignedChannel();
		cursor[channel] = NOTHING_LEFT;
		short n = outgoing(apdu);
		Util.setShort(buffer, (short) 0, GET_ALL);
		short header = Tlv.putLength(buffer, (short) 2, rules.used());
		short left = (short) (header + rules.used() - from);
		if (n > left) {
			n = left;
		}
		apdu.setOutgoingLength(n);
		left -= n;
		short to = (short) (from + n);
		if (from < header) {
			short part = (short) (header - from);
			if (part > n) {
				part = n;
			}
			apdu.sendBytes(from, part);
			from += part;
			n -= part;
		}
		if (n > 0) {
			apdu.sendBytesLong(rules.rules(), (short) (from - header), n);
		}
		if (left > 0) {
			cursor[channel] = to;
		}
	}

	/** Sends the rights of one target, from all rules that there are for it. */
	private void sendSpecific(APDU apdu) {
		byte[] buffer = apdu.getBuffer();
		short end = (short) (ISO7816.OFFSET_CDATA + receive(apdu));
		reader.clear();
		reader.openOnly(buffer, ISO7816.OFFSET_CDATA, end);
		if (reader.tag() != Tag.REF) {
			ISOException.throwIt(ISO7816.SW_WRONG_DATA);
		}
		reader.readReference(buffer, reader.value(), end);
		short n = rules.find(reader, buffer);
		if (n == 0) {
			ISOException.throwIt(Status.REFERENCE_NOT_FOUND);
		}
		short size = Tlv.size(n);
		outgoing(apdu, (short) (Tlv.size(size) + 1));
		Util.setShort(buffer, (short) 0, GET_SPECIFIC);
		short p = Tlv.putLength(buffer, (short) 2, size);
		p = Tlv.putTag(buffer, p, Tag.AR);
		rules.sendFound(apdu, Tlv.putLength(buffer, p, n));
	}

	/** Takes the version of the device's interface and sends this one's: 1.1.0. */
	private void sendConfig(APDU apdu) {
		byte[] buffer = apdu.getBuffer();
		short end = (short) (ISO7816.OFFSET_CDATA + receive(apdu));
		reader.openOnly(buffer, ISO7816.OFFSET_CDATA, end);
		boolean wellFormed = reader.tag() == Tag.DEVICE_CONFIG;
		reader.openOnly(buffer, reader.value(), end);
		if (!wellFormed || reader.tag() != Tag.INTERFACE_VERSION || (short) (end - reader.value()) != 3) {
			ISOException.throwIt(ISO7816.SW_WRONG_DATA);
		}
		outgoing(apdu, (short) 10);
		Util.setShort(buffer, (short) 0, GET_CONFIG);
		buffer[2] = 7;
		buffer[3] = Tag.CONFIG;
		buffer[4] = 5;
		buffer[5] = Tag.INTERFACE_VERSION;
		buffer[6] = 3;
		buffer[7] = 1;
		buffer[8] = 1;
		buffer[9] = 0;
		apdu.sendBytes((short) 0, (short) 10);
	}

	/** Opens the security domain's secure channel on this logical channel. */
	private void authenticate(APDU apdu) {
		sequence.reset(Sequence.CHANNEL);
		secured[0] = 0;
		short n = GPSystem.getSecureChannel().processSecurity(apdu);
		secured[0] = (short) (JCSystem.getAssignedChannel() + 1);
		if (n > 0) {
			apdu.setOutgoingAndSend(ISO7816.OFFSET_CDATA, n);
		}
	}

	/** STORE DATA to the selected application: only with a MAC, on the channel that was authenticated. */
	private void storeData(APDU apdu) {
		byte[] buffer = apdu.getBuffer();
		SecureChannel channel = GPSystem.getSecureChannel();
		byte needed = SecureChannel.AUTHENTICATED | SecureChannel.C_MAC;
		if (!hasSecureMessaging(buffer[ISO7816.OFFSET_CLA]) || securedChannel() != JCSystem.getAssignedChannel()
				|| (byte) (channel.getSecurityLevel() & needed) != needed) {
			sequence.reset(Sequence.CHANNEL);
			ISOException.throwIt(ISO7816.SW_SECURITY_STATUS_NOT_SATISFIED);
		}
		short status;
		try {
			short n = channel.unwrap(buffer, (short) 0, (short) (ISO7816.OFFSET_CDATA + receive(apdu)));
			status = store(Sequence.CHANNEL, buffer, (short) 0, n);
		} catch (CardRuntimeException e) {
			sequence.reset(Sequence.CHANNEL);
			throw e;
		}
		if ((channel.getSecurityLevel() & SecureChannel.R_MAC) != 0) {
			Util.setShort(buffer, (short) 0, status);
			short n = channel.wrap(buffer, (short) 0, (short) 2);
			apdu.setOutgoingAndSend((short) 0, (short) (n - 2));
		}
		if (status != ISO7816.SW_NO_ERROR) {
			ISOException.throwIt(status);
		}
	}

	/**
	 * STORE DATA that the security domain has verified and unwrapped, from the
	 * class byte on. Only the card's operating system gets at this method: the
	 * application gives its object to no other one.
	 */
	public void processData(byte[] baBuffer, short sOffset, short sLength) {
		short status;
		try {
			if (sLength < ISO7816.OFFSET_CDATA) {
				ISOException.throwIt(ISO7816.SW_WRONG_LENGTH);
			}
			if (!isGlobalPlatform(baBuffer[(short) (sOffset + ISO7816.OFFSET_CLA)])) {
				ISOException.throwIt(ISO7816.SW_CLA_NOT_SUPPORTED);
			}
			if (baBuffer[(short) (sOffset + ISO7816.OFFSET_INS)] != INS_STORE_DATA) {
				ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
			}
			status = store(Sequence.DOMAIN, baBuffer, sOffset, sLength);
		} catch (CardRuntimeException e) {
			sequence.reset(Sequence.DOMAIN);
			throw e;
		}
		if (status != ISO7816.SW_NO_ERROR) {
			ISOException.throwIt(status);
		}
	}

	/** Takes one STORE DATA command of n bytes; returns the status word of success. */
	private short store(short owner, byte[] b, short offset, short n) {
		if (n <= ISO7816.OFFSET_CDATA) {
			ISOException.throwIt(ISO7816.SW_WRONG_LENGTH);
		}
		short lc = (short) (b[(short) (offset + ISO7816.OFFSET_LC)] & 0xFF);
		if (lc == 0 || lc > (short) (n - ISO7816.OFFSET_CDATA)) {
			ISOException.throwIt(ISO7816.SW_WRONG_LENGTH);
		}
		if (!sequence.take(owner, b, (short) (offset + ISO7816.OFFSET_P1), lc)) {
			return ISO7816.SW_NO_ERROR;
		}
		short status;
		if (sequence.collected() != 0) {
			status = execute(sequence.data(), (short) 0, sequence.collected());
		} else {
			status = execute(b, (short) (offset + ISO7816.OFFSET_CDATA), (short) (offset + ISO7816.OFFSET_CDATA + lc));
		}
		sequence.reset();
		return status;
	}

	/** Executes the command data object between an offset and end. */
	private short execute(byte[] b, short offset, short end) {
		reader.clear();
		reader.openOnly(b, offset, end);
		offset = reader.value();
		short before = rules.used();
		short status = ISO7816.SW_NO_ERROR;
		byte tag = reader.tag();
		if (tag == Tag.STORE) {
			status = storeRule(b, offset, end);
		} else if (tag == Tag.DELETE) {
			delete(b, offset, end);
		} else if (tag == Tag.UPDATE_REFRESH_TAG) {
			if (offset != end) {
				ISOException.throwIt(ISO7816.SW_WRONG_DATA);
			}
			rules.touch();
		} else if (tag == Tag.BLOCK || tag >= Tag.FIRST_UNSUPPORTED && tag <= Tag.LAST_UNSUPPORTED) {
			ISOException.throwIt(Status.DO_NOT_SUPPORTED);
		} else {
			ISOException.throwIt(ISO7816.SW_WRONG_DATA);
		}
		if (rules.used() != before) {
			outdate();
		}
		return status;
	}

	/** Who has read a part of the rules has to begin again. */
	private void outdate() {
		for (short i = 0; i < CHANNELS; i++) {
			if (cursor[i] != NOTHING_LEFT) {
				cursor[i] = OUTDATED;
			}
		}
	}

	/** Command-Store-REF-AR-DO: one rule. */
	private short storeRule(byte[] b, short offset, short end) {
		reader.openOnly(b, offset, end);
		if (reader.tag() != Tag.REF_AR) {
			ISOException.throwIt(ISO7816.SW_WRONG_DATA);
		}
		reader.readRule(b, reader.value(), end);
		boolean existed = rules.store(reader, b);
		if (reader.sawUnknown()) {
			return Status.UNKNOWN_DISCARDED;
		}
		return existed ? Status.RULE_EXISTED : ISO7816.SW_NO_ERROR;
	}

	/**
	 * Command-Delete-AR-DO: all rules, or those of an AID, of a target, or one
	 * rule. Throws 6A88 if a selection finds nothing.
	 */
	private void delete(byte[] b, short offset, short end) {
		if (offset == end) {
			rules.delete(RuleSet.BY_NOTHING, reader, b);
			return;
		}
		reader.openOnly(b, offset, end);
		byte by = RuleSet.BY_RULE;
		switch (reader.tag()) {
		case Tag.AID_REF:
		case Tag.DEFAULT_REF:
			reader.readAID();
			by = RuleSet.BY_AID;
			break;
		case Tag.REF:
			reader.readReference(b, reader.value(), end);
			by = RuleSet.BY_REFERENCE;
			break;
		case Tag.REF_AR:
			reader.readRule(b, reader.value(), end);
			break;
		default:
			ISOException.throwIt(ISO7816.SW_WRONG_DATA);
		}
		if (!rules.delete(by, reader, b)) {
			ISOException.throwIt(Status.REFERENCE_NOT_FOUND);
		}
	}
}
