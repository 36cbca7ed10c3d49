// refused 0: package-visible superclass
package inkan.lang.hidden;

public class Case extends Base { }

class Base { public void f() { } }
