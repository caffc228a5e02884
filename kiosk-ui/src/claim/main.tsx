import "./claim.css";
