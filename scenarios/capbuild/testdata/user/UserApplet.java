package inkan.example.user;

import inkan.example.lib.Coins;
import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.Util;

/** Answers a value that it gets through a library. */
public class UserApplet extends Applet {
    private final Coins coins = new Tens();

    public static void install(byte[] bArray, short bOffset, byte bLength) {
        new UserApplet().register();
    }

    public void process(APDU apdu) {
        if (selectingApplet()) {
            return;
        }
        byte[] buffer = apdu.getBuffer();
        short count = (short) (buffer[2] & 0xFF);
        Util.setShort(buffer, (short) 0, Coins.capped(coins.value(count)));
        apdu.setOutgoingAndSend((short) 0, (short) 2);
    }
}

class Tens extends Coins {
    public short value(short count) {
        return (short) (super.value(count) * 10);
    }
}
