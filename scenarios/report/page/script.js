"use strict";
(function () {
  var root = document.documentElement;
  function each(selector, action) { Array.prototype.forEach.call(document.querySelectorAll(selector), action); }

  var theme = document.getElementById("theme");
  theme.hidden = false;
  theme.addEventListener("click", function () {
    var dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  });

  document.getElementById("tools").hidden = false;
  document.getElementById("open").addEventListener("click", function () { each(".details > details", function (d) { d.open = true; }); });
  document.getElementById("close").addEventListener("click", function () { each(".details details", function (d) { d.open = false; }); });
  addEventListener("beforeprint", function () { each(".trail", function (d) { d.open = true; }); });
}());
